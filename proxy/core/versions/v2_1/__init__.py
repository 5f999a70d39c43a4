"""What MLflow 2.1 changed."""
