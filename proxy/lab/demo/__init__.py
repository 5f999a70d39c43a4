"""`make demo`: the whole job on real MLflow servers on this machine, every claim checked.

story    the acts, in order; the only module that knows the plot
stage    what they play on: two servers, Tightrope, a folder, commands as an operator types them
scripts  what data scientists' programs do; they run with real MLflow clients
reading  reads a run from one server, directly, in plain REST
compare  pure functions: what differs between two copies of a run, which points are missing
figures  pure functions: values out of a Prometheus text
show     numbered steps, a tick per check, tables
"""

from proxy.lab.demo.story import run

__all__ = ["run"]
