"""What MLflow 1.23 changed."""
