"""The process that hosts characters and streams their frames over ZeroMQ (PROTOCOL.md)."""
