"""Contracts as pytest items: how a test file asks for them, and how they are collected, run and printed."""
