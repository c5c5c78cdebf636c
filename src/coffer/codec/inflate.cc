#include "coffer/codec/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "coffer/base/check.h"

namespace coffer::codec {

struct Inflater::Stream {
    z_stream z{};
};

Inflater::Inflater() : stream_(std::make_unique<Stream>()) {
    // Negative: no header and no checksum around it.
    COFFER_CHECK(inflateInit2(&stream_->z, -MAX_WBITS) == Z_OK);
}

Inflater::~Inflater() {
    inflateEnd(&stream_->z);
}

Result<Inflater::Step> Inflater::Inflate(ByteView in, ByteSpan out) {
    constexpr size_t kMost = std::numeric_limits<uInt>::max();
    z_stream& z = stream_->z;
    const auto in_size = static_cast<uInt>(std::min(in.size(), kMost));
    const auto out_size = static_cast<uInt>(std::min(out.size(), kMost));
    // zlib does not write to its input; its type is older than const.
    z.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(in.data()));
    z.avail_in = in_size;
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = out_size;
    const int result = inflate(&z, Z_NO_FLUSH);
    // Z_BUF_ERROR says that there was nothing to do.
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        return Error(ErrorKind::kCorrupt, "deflated data is damaged");
    return Step{in_size - z.avail_in, out_size - z.avail_out, result == Z_STREAM_END};
}

}  // namespace coffer::codec
