// Turns a Response into bytes on the connection.
#pragma once

#include "coffer/http/message.h"
#include "coffer/http/server.h"
#include "coffer/http/wire.h"

namespace coffer::http {

// What the request and the connection make of a response.
struct ResponseFraming {
    bool to_head = false;  // the answer to HEAD: no body, whatever it says
    bool to_http_1_0 =
        false;  // no chunked coding; the end of the connection ends a stream of unknown length
    bool keep_alive = true;  // said in the head
};

// The head with its empty line. Headers that frame the message (Content-Length, Transfer-Encoding,
// Connection) are written by us alone. Date and Server are added where they are missing. A control
// character in a value, with which it could end the line and forge another header, becomes a space;
// a header whose name is no token is left out.
std::string SerializeHead(const Response& response, const ResponseFraming& framing,
                          std::string_view server_name);

// True where a stream of unknown length goes to HTTP/1.0: only closing ends it.
bool EndsWithConnection(const Response& response, const ResponseFraming& framing);

// Sends head and body. An error means that the connection can only be reset. A stream that fails
// before anything was sent is answered with 500 instead.
Task<Result<>> SendResponse(Wire& wire, Response response, ResponseFraming framing,
                            const ServerOptions& options);

// What the server answers by itself: options.render_error, or a line of text.
Response RenderError(const ServerOptions& options, int status, std::string_view message);

}  // namespace coffer::http
