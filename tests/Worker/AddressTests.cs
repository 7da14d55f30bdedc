using System.Net.Sockets;
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
    [InlineData("", "", "unix:/run/queued/queued.sock")]
    public void The_default_comes_from_the_environment(string? socket, string? runtime, string address)
    {
        var found = DaemonAddress.FromEnvironment(name => name == "QUEUED_SOCKET" ? socket : runtime);
        Assert.Equal(address, found.ToString());
    }

    [Fact]
    public void The_daemon_of_the_user_is_taken_only_where_its_socket_exists()
    {
        var runtime = Directory.CreateTempSubdirectory("queued-runtime-");
        try
        {
            string Found() =>
                DaemonAddress.FromEnvironment(name => name == "XDG_RUNTIME_DIR" ? runtime.FullName : null).ToString();
            Assert.Equal("unix:/run/queued/queued.sock", Found());

            var socket = Path.Combine(runtime.CreateSubdirectory("queued").FullName, "queued.sock");
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(socket));
            Assert.Equal("unix:" + socket, Found());
        }
        finally
        {
            runtime.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_socket_of_the_environment_that_is_not_valid_is_named()
    {
        var error = Assert.Throws<ArgumentException>(
            () => DaemonAddress.FromEnvironment(name => name == "QUEUED_SOCKET" ? "run/q.sock" : null));
        Assert.StartsWith("QUEUED_SOCKET is 'run/q.sock'; the path", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "w7", true)]
    [InlineData(null, "", true)]
    [InlineData("unix:/q.sock", "w7", true)]
    [InlineData("unix:/q.sock", "", false)]
    public void A_worker_refuses_it_with_its_other_options_where_it_uses_it(string? address, string worker, bool used)
    {
        var options = new QueuedWorkerOptions
        {
            Address = address,
            Environment = new WorkerEnvironment("run/q.sock", worker, "secret"),
        };
        if (!used)
        {
            options.Validate();
            return;
        }

        var error = Assert.Throws<ArgumentException>(options.Validate);
        Assert.Contains("QUEUED_SOCKET is 'run/q.sock'", error.Message, StringComparison.Ordinal);
    }
}
