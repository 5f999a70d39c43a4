"""Real MLflow servers and clients on demand: one implementation for the demo, the tests and the benchmarks."""
