package io.crij.image.registry.address;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.image.registry.fake.TestNames;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HostAddressesTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final InetAddress FIRST = InetAddress.ofLiteral("127.0.0.11");
  private static final InetAddress SECOND = InetAddress.ofLiteral("127.0.0.12");
  private static final InetAddress THIRD = InetAddress.ofLiteral("127.0.0.13");

  private static ServerSocket listen(InetAddress address) throws Exception {
    return new ServerSocket(0, 9, address);
  }

  private static void define(String name, InetAddress... addresses) {
    TestNames.define(name, List.of(addresses).stream().map(InetAddress::getHostAddress).toList());
  }

  /** Who connects meanwhile goes on by what was known, and a new address is not missed. */
  @Test
  void whoLooksAnewIsNotToldWhatIsKnown() throws Exception {
    define("anew.test", FIRST, SECOND);
    try (ServerSocket one = listen(SECOND);
        ServerSocket other = listen(THIRD)) {
      HostAddresses.await("anew.test", one.getLocalPort(), LIMIT);
      assertThat(InetAddress.getAllByName("anew.test")).containsExactly(SECOND, FIRST);

      define("anew.test", FIRST, THIRD);
      assertThat(InetAddress.getAllByName("anew.test")).containsExactly(SECOND, FIRST);
      HostAddresses.await("anew.test", other.getLocalPort(), LIMIT);

      assertThat(InetAddress.getAllByName("anew.test")).containsExactly(THIRD, FIRST);
    }
  }

  /** The JDK asks for the address a moment after it was seen to be known. */
  @Test
  void whatWasFreshIsStillKnownWhenTheConnectionIsBegun() {
    AtomicLong now = new AtomicLong();
    AddressBook book = new AddressBook(now::get);
    book.put("a.test", List.of(FIRST, SECOND), 443);
    now.addAndGet(AddressBook.FRESH.toNanos() - 1);
    assertThat(book.isFresh("a.test", 443)).isTrue();
    assertThat(book.isFresh("a.test", 80)).isFalse();

    now.addAndGet(2);
    assertThat(book.isFresh("a.test", 443)).isFalse();
    book.put("b.test", List.of(THIRD), 443);
    assertThat(book.find("a.test")).containsExactly(FIRST, SECOND);
    assertThat(book.isFresh("b.test", 80)).as("one address for all ports").isTrue();

    now.addAndGet(AddressBook.KEPT.toNanos());
    assertThat(book.find("a.test")).isNull();
  }
}
