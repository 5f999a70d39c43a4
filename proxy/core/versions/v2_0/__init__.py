"""What MLflow 2.0 changed."""
