"""Fulfillment: by when orders leave, and how they are collected."""
