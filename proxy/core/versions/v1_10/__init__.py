"""What MLflow 1.10 changed."""
