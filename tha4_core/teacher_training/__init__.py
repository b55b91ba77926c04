"""Training a teacher's two body networks: the paper's section 4.2 and appendix B (arXiv 2311.17409)."""
