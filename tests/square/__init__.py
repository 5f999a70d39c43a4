"""The square: a battery of client operations, run by real MLflow clients of every age on servers of every age."""
