@tool
extends RefCounted
## What a reader makes of one datagram.

## Whether it told something of a face.
var has_face := false
## Why nothing could be read; empty when something could, or when it rightly holds nothing of a face.
var problem := ""
## What of it makes no sense and was passed over: a sentence each.
var flaws := PackedStringArray()
## Names that nobody here knows.
var unknown := PackedStringArray()
