"""The containers as they are shipped; run by `./scripts/run_tests.sh tests/containers` where an engine can be had."""
