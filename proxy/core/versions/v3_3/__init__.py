"""What MLflow 3.3 changed."""
