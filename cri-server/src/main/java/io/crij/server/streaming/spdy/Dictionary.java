package io.crij.server.streaming.spdy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.Adler32;

/**
 * The dictionary that header blocks are compressed with (SPDY draft 3, section 2.6.10.1): words
 * after their lengths, then text.
 */
final class Dictionary {
  private static final String WORDS =
      """
      options head post put delete trace accept accept-charset accept-encoding
      accept-language accept-ranges age allow authorization cache-control connection
      content-base content-encoding content-language content-length content-location
      content-md5 content-range content-type date etag expect expires from host if-match
      if-modified-since if-none-match if-range if-unmodified-since last-modified location
      max-forwards pragma proxy-authenticate proxy-authorization range referer retry-after
      server te trailer transfer-encoding upgrade user-agent vary via warning
      www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie
      keep-alive origin
      """;

  private static final String TEXT =
      "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504"
          + "505203 Non-Authoritative Information204 No Content301 Moved Permanently"
          + "400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error"
          + "501 Not Implemented503 Service Unavailable"
          + "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon,"
          + " Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,"
          + "image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,"
          + "publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,"
          + "utf-,*,enq=0.";

  private static final byte[] BYTES = make();

  private Dictionary() {}

  private static byte[] make() {
    ByteBuffer bytes = ByteBuffer.allocate(2 * (WORDS.length() + TEXT.length()));
    for (String word : WORDS.strip().split("\\s+", -1)) {
      // The one value that has a space of its own.
      byte[] ascii = word.replace('_', ' ').getBytes(StandardCharsets.US_ASCII);
      bytes.putInt(ascii.length).put(ascii);
    }
    bytes.put(TEXT.getBytes(StandardCharsets.US_ASCII));
    byte[] made = new byte[bytes.position()];
    bytes.flip().get(made);
    return made;
  }

  static byte[] bytes() {
    return BYTES.clone();
  }

  /** Adler-32, by which a zlib stream names its dictionary. */
  static int checksum() {
    Adler32 sum = new Adler32();
    sum.update(BYTES);
    return (int) sum.getValue();
  }
}
