"""What MLflow 1.30 changed."""
