"""What MLflow 3.4 changed."""
