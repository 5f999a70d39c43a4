"""What MLflow 2.21 changed."""
