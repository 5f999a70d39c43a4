"""What MLflow 2.4 brought."""
