"""The command line: run, train, import, search and the rest."""

from __future__ import annotations

import os

# Before Rasa and TensorFlow are imported: no telemetry, no chatter, one thread each.
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(name, "1")

import sys

from bot.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
