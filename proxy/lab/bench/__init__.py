"""What Tightrope costs, measured side by side with its peers: ``python -m proxy.lab.bench``.

    answers, loadgen         a lean HTTP/1.1 load generator
    workloads                the requests, as MLflow's client sends them
    stub                     an upstream that is much faster than any proxy
    plain_proxy, nginx       the peers
    host, programs           cores, memory, processor time; starting programs on a given core
    on_stub, on_real         the two overhead suites; startup: time to ready, memory, modules
    figures, report          ratios with their spread; tables and JSON

Machines are noisy, so nothing here is worth reading as an absolute number: all variants take turns in short slices
of one run, and ratios are taken within a round. ``docs/benchmarks.md`` tells how to read them.
"""
