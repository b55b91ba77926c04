"""The CUDA engine: the whole frame in torch on an NVIDIA GPU.

Read in this order: ``driver`` (is there a GPU, without torch), ``plan`` (which pixels a region needs), ``layers`` (the
networks), ``runner`` (all that needs a device), ``engine`` (the frame).
"""
