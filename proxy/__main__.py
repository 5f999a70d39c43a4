"""``python -m proxy`` is ``tightrope``."""

from proxy.cli.main import main

if __name__ == "__main__":
    main()
