"""What MLflow 1.28 changed."""
