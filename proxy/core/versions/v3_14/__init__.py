"""What MLflow 3.14 changed."""
