"""What MLflow 3.6 changed."""
