"""Tightrope: upgrade MLflow tracking servers without stopping anyone.

A map for newcomers. Imports point one way, from the top of this list to its bottom:

    cli        a file per command; parses arguments, calls the operator API or the wiring
    lab        real MLflow servers and clients on demand, for the demo, the tests and the benchmarks
    wiring     the only module that builds concrete objects and joins them
    web        HTTP in: the client listener, the operator API, error rendering
    services   acts: forwarder, mirror, sync, coordinator; knows the outside only through ports.py
    storage    the journal, the id map and the phase on disk
    backends   HTTP out: one tracking server each
    observe    metrics and structured logs
    config     one frozen settings tree from file and environment
    core       decides, and never touches a socket, a file, a clock or chance
    errors     the whole error tree

``pyproject.toml`` holds the import-linter contracts that keep it so.
"""
