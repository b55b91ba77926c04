@tool
extends EditorResourcePreviewGenerator
## Draws the editor's thumbnails of [AnimeCharacter] resources: their resting picture.


# The engine's own class is all that is told of a resource; of another script's there is no thumbnail.
func _handles(type: String) -> bool:
	return type == "Resource"


func _generate(resource: Resource, size: Vector2i, _metadata: Dictionary) -> Texture2D:
	var character := resource as AnimeCharacter
	if character == null or character.get_image() == null:
		return null
	var thumbnail: Image = character.get_image().duplicate()
	var side := mini(size.x, size.y)
	# Pixels that cannot be seen are black; without this they would darken the edges.
	thumbnail.fix_alpha_edges()
	thumbnail.resize(side, side, Image.INTERPOLATE_LANCZOS)
	return ImageTexture.create_from_image(thumbnail)


func _generate_small_preview_automatically() -> bool:
	return true
