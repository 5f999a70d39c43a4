"""What MLflow 3.10 changed."""
