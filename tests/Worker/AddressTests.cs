using Queued.Worker.Connection;

namespace Queued.Worker.Tests;

public sealed class AddressTests
{
    [Theory]
    [InlineData("unix:/run/queued/queued.sock", "unix:/run/queued/queued.sock")]
    [InlineData("unix:///run/queued/queued.sock", "unix:/run/queued/queued.sock")]
    [InlineData("http://127.0.0.1:7000", "http://127.0.0.1:7000")]
    [InlineData("http://127.0.0.1:7000/", "http://127.0.0.1:7000")]
    public void An_address_is_a_socket_or_an_endpoint(string address, string written) =>
        Assert.Equal(written, DaemonAddress.Parse(address).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("unix:")]
    [InlineData("unix:queued.sock")]
    [InlineData("/run/queued/queued.sock")]
    [InlineData("tcp://127.0.0.1:7000")]
    [InlineData("http://127.0.0.1:7000/path")]
    public void Anything_else_is_refused(string address) =>
        Assert.Throws<ArgumentException>(() => DaemonAddress.Parse(address));

    [Fact]
    public void A_path_that_no_socket_can_have_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => DaemonAddress.Parse("unix:/" + new string('x', 107)));
        Assert.Contains("107", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/s/q.sock", "/run/user/1000", "unix:/s/q.sock")]
    [InlineData("unix:/s/q.sock", null, "unix:/s/q.sock")]
    [InlineData("http://127.0.0.1:7000", null, "http://127.0.0.1:7000")]
    [InlineData(null, "/run/user/1000", "unix:/run/user/1000/queued/queued.sock")]
    [InlineData("", "", "unix:/run/queued/queued.sock")]
    public void The_default_comes_from_the_environment(string? socket, string? runtime, string address)
    {
        var found = DaemonAddress.FromEnvironment(name => name == "QUEUED_SOCKET" ? socket : runtime);
        Assert.Equal(address, found.ToString());
    }
}
