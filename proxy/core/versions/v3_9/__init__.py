"""What MLflow 3.9 changed."""
