@tool
extends RefCounted
## One connection for every bridge address in use.

const BridgeConnection := preload("bridge_connection.gd")

static var _open: Dictionary[String, BridgeConnection] = {}


## The connection to [param address]; pair it with one [method leave].
static func join(address: String) -> BridgeConnection:
	var connection: BridgeConnection = _open.get(address)
	if connection == null:
		connection = BridgeConnection.new(address)
		_open[address] = connection
	connection.users += 1
	return connection


## Gives a connection back. The last user ends it.
static func leave(connection: BridgeConnection) -> void:
	connection.users -= 1
	if connection.users == 0:
		_open.erase(connection.address)
		connection.close()


## Lets bridges be started again that could not be started, or have ended.
static func forget_failures() -> void:
	for address in _open:
		_open[address].forget_failure()


## How many connections there are.
static func count() -> int:
	return _open.size()
