// Exceptions where nothing can catch them: WebAssembly's are younger than many browsers.
#pragma once

namespace tha4 {

// What the exception said that ended the last call in a trap; "" for none.
const char* thrown_sentence();

}  // namespace tha4
