"""What MLflow 2.10 changed."""
