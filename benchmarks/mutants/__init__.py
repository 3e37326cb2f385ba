"""Damage done to the shipped package on purpose, one thing at a time; a kind is a function."""
