extends Control
## A night sky, drawn: a gradient, a moon with its light, stars that are the same each time.

const _ABOVE := Color("1b1a33")
const _BELOW := Color("5a4a78")
const _STARLIGHT := Color("fff6e0")
const _MOONLIGHT := Color("fff1c9")
const _STARS := 160
const _HALO_RINGS := 14

## Where the moon is, as a part of the size.
@export var moon_place: Vector2 = Vector2(0.9, 0.16):
	set(value):
		moon_place = value
		queue_redraw()
## The moon's radius in pixels.
@export_range(0.0, 400.0, 1.0, "suffix:px") var moon_radius: float = 46.0:
	set(value):
		moon_radius = value
		queue_redraw()


func _draw() -> void:
	var corners := PackedVector2Array([Vector2.ZERO, Vector2(size.x, 0.0), size, Vector2(0.0, size.y)])
	draw_polygon(corners, PackedColorArray([_ABOVE, _ABOVE, _BELOW, _BELOW]))
	var random := RandomNumberGenerator.new()
	random.seed = 7
	for _star in _STARS:
		var place := Vector2(random.randf(), pow(random.randf(), 1.6)) * size
		var brightness := random.randf_range(0.25, 0.9) * (1.0 - place.y / size.y)
		draw_circle(place, random.randf_range(0.7, 1.7), Color(_STARLIGHT, brightness), true, -1.0, true)
	var moon := moon_place * size
	for ring in _HALO_RINGS:
		draw_circle(moon, moon_radius * (1.0 + 0.22 * (_HALO_RINGS - ring)), Color(_MOONLIGHT, 0.012))
	draw_circle(moon, moon_radius, _MOONLIGHT, true, -1.0, true)
