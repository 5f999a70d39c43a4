"""What MLflow 2.3 changed."""
