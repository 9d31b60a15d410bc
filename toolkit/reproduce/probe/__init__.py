"""What runs inside the kernel: it watches, confines and varies. Standard library only.

This folder is put on ``PYTHONPATH``; an interpreter then starts ``sitecustomize``.
"""
