"""The user guide: its pages in Markdown (README.md leads to all of them), shown to everybody."""
