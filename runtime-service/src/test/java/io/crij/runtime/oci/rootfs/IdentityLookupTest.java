package io.crij.runtime.oci.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.Int64Value;
import io.crij.cri.v1.LinuxContainerSecurityContext;
import io.crij.cri.v1.SupplementalGroupsPolicy;
import io.crij.runtime.ServiceException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityLookupTest {
  private static final String PASSWD =
      """
      root:x:0:0:root:/root:/bin/sh
      app:x:1000:500::/app:/bin/sh
      99999999999:x:0:0::/:/bin/sh
      2000:x:0:0::/:/bin/sh
      huge:x:4294967296:0::/:/bin/sh
      broken
      """;
  private static final String GROUP =
      """
      root:x:0:
      staff:x:50:app,other
      web:x:80:app
      nobody:x:99999999999:app
      """;

  private static ContainerIdentity find(
      LinuxContainerSecurityContext.Builder security, String imageUser) {
    return new IdentityLookup(
            security.build(),
            imageUser,
            new UserDatabase(
                PASSWD.getBytes(StandardCharsets.UTF_8), GROUP.getBytes(StandardCharsets.UTF_8)))
        .find();
  }

  private static LinuxContainerSecurityContext.Builder security() {
    return LinuxContainerSecurityContext.newBuilder();
  }

  private static Int64Value number(long value) {
    return Int64Value.newBuilder().setValue(value).build();
  }

  @ParameterizedTest
  @CsvSource({
    "'',0,0",
    "app,1000,500",
    "app:web,1000,80",
    "app:7,1000,7",
    "1000,1000,500",
    "4000,4000,0",
    "4000:web,4000,80",
    "2000,2000,0",
    "0:5,0,5"
  })
  void theImagesUserIsTaken(String user, long uid, long gid) {
    ContainerIdentity identity = find(security(), user);

    assertThat(identity.uid()).isEqualTo(uid);
    assertThat(identity.gid()).isEqualTo(gid);
    assertThat(identity.groups()).contains(gid);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "4294967296",
        "2147483648",
        "99999999999",
        "-1",
        "0x0",
        " 0",
        "+0",
        "1e3",
        "huge",
        "absent",
        "app:absent",
        "app:4294967296",
        "999999999999999999999999"
      })
  void aUserThatIsNoneIsNeverRootInstead(String user) {
    assertThatThrownBy(() -> find(security(), user))
        .isInstanceOf(ServiceException.InvalidArgument.class);
  }

  @Test
  void theRequestWinsOverTheImage() {
    ContainerIdentity identity =
        find(security().setRunAsUser(number(7)).setRunAsGroup(number(8)), "app:web");

    assertThat(identity).isEqualTo(new ContainerIdentity(7, 8, List.of(8L)));
    assertThat(find(security().setRunAsUser(number(7)), "app:web").gid()).isZero();
    assertThat(find(security().setRunAsUsername("app"), "0").uid()).isEqualTo(1000);
  }

  @Test
  void contradictionsAndNumbersOutOfRangeAreRefused() {
    for (LinuxContainerSecurityContext.Builder bad :
        List.of(
            security().setRunAsGroup(number(1)),
            security().setRunAsUser(number(1)).setRunAsUsername("app"),
            security().setRunAsUser(number(-1)),
            security().setRunAsUser(number(1L << 32)),
            security().setRunAsUsername("1000"),
            security().setRunAsUser(number(1)).setRunAsGroup(number(-1)),
            security().addSupplementalGroups(-1),
            security().setSupplementalGroupsPolicyValue(7))) {
      assertThatThrownBy(() -> find(bad, "")).isInstanceOf(ServiceException.InvalidArgument.class);
    }
  }

  @Test
  void groupsAreMergedOrStrictAsAsked() {
    assertThat(find(security().setRunAsUser(number(1000)).addSupplementalGroups(9), "").groups())
        .containsExactly(9L, 50L, 80L, 500L);
    assertThat(
            find(
                    security()
                        .setRunAsUser(number(1000))
                        .addSupplementalGroups(9)
                        .setSupplementalGroupsPolicy(SupplementalGroupsPolicy.Strict),
                    "")
                .groups())
        .containsExactly(9L, 500L);
  }

  /** An image must not take the memory of the node's daemon. */
  @Test
  void longLinesOfAnImageCostLittle() {
    byte[] colons = new byte[10 << 20];
    Arrays.fill(colons, (byte) ':');
    byte[] commas = ("many:x:7:" + ",".repeat(10 << 20) + "app\n").getBytes(StandardCharsets.UTF_8);
    UserDatabase accounts = new UserDatabase(colons, commas);
    var memory =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    long before = memory.getCurrentThreadAllocatedBytes();

    assertThat(accounts.findByName("app")).isNull();
    assertThat(accounts.groupsOf("app")).containsExactly(7L);

    assertThat(memory.getCurrentThreadAllocatedBytes() - before).isLessThan(100L << 20);
  }

  @Test
  void moreGroupsThanAProcessCanHaveAreRefused() {
    StringBuilder groups = new StringBuilder();
    for (int gid = 0; gid <= 65_536; gid++) {
      groups.append("g:x:").append(gid).append(":app\n");
    }
    UserDatabase accounts =
        new UserDatabase(new byte[0], groups.toString().getBytes(StandardCharsets.UTF_8));

    assertThatThrownBy(() -> accounts.groupsOf("app"))
        .isInstanceOf(ServiceException.InvalidArgument.class)
        .hasMessageContaining("65536");
  }
}
