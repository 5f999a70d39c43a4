"""What MLflow 3.17 changed."""
