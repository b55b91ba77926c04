extends Sprite3D
## Turns about its upright axis so that it faces the camera.
##
## Sprite3D's own billboard mode turns only what is drawn. AnimeLookAt wants to know which way the picture really faces,
## so the node itself is turned.


func _process(_delta: float) -> void:
	var camera := get_viewport().get_camera_3d()
	if camera:
		var way := camera.global_position - global_position
		global_rotation.y = atan2(way.x, way.z)
