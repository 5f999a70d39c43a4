"""The journal, the id map and the phase in one SQLite file.

A map for newcomers, from the bottom up:

    lock           one instance per state file
    schema         the tables, and how an older file becomes a newer one
    worker         a thread that takes everything queued as one batch
    writer         the only thread that changes the file: group commit, checkpoints
    database       the three threads together: write, read, durable
    journal_store  write records       (rows.py turns rows into records)
    id_store       the id map
    phase_store    phase, facts, audit log

The stores fit the Protocols of ``proxy/services/ports.py`` by their shape; neither package imports the other.
"""
