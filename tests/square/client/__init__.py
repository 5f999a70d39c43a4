"""What runs in a client's own environment: standard library and MLflow only, Python 3.9, any MLflow from 1.20 on."""
