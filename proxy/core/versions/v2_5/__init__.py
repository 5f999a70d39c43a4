"""What MLflow 2.5 changed."""
