"""What start.py needs: the installation, JupyterLab, the tests. The course itself is lrcourse."""
