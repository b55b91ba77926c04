@tool
extends EditorResourcePreviewGenerator
## Draws the editor's thumbnails of [AnimeCharacter] resources: their resting picture.


# Files are asked for by the type that they were imported as, resources in memory by the engine's own class.
func _handles(type: String) -> bool:
	return type in ["AnimeCharacter", "Resource"]


func _generate(resource: Resource, size: Vector2i, _metadata: Dictionary) -> Texture2D:
	var character := resource as AnimeCharacter
	var picture := character.get_image() if character else null
	if picture == null:
		return null
	var side := mini(size.x, size.y)
	var thumbnail := picture.duplicate() as Image
	# Pixels that cannot be seen are black; without this they would darken the edges.
	thumbnail.fix_alpha_edges()
	thumbnail.resize(side, side, Image.INTERPOLATE_LANCZOS)
	return ImageTexture.create_from_image(thumbnail)


func _generate_small_preview_automatically() -> bool:
	return true
