"""What MLflow 3.0 changed."""
