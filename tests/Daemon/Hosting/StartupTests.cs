using System.Net.Sockets;
using Queued.Daemon.Hosting;

namespace Queued.Daemon.Tests.Hosting;

public sealed class StartupTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_ready_line_names_every_endpoint_and_the_socket_has_its_mode()
    {
        await using var daemon = DaemonProcess.Start(_directory, "--listen", "127.0.0.1:0", "--socket-mode", "0600");

        var ready = await daemon.ReadyAsync();

        Assert.Matches(
            $@"^queued \d+\.\d+\.\d+ ready on unix:{_directory.Socket}, http://127\.0\.0\.1:[1-9]\d*$", ready);
        Assert.Equal("0600", FileStatus.Octal(File.GetUnixFileMode(_directory.Socket)));
        Assert.Equal("0700", FileStatus.Octal(File.GetUnixFileMode(_directory.Data)));
    }

    [Fact]
    public async Task The_end_leaves_neither_socket_nor_lock()
    {
        await using var daemon = DaemonProcess.Start(_directory);
        await daemon.ReadyAsync();

        daemon.Signal(DaemonProcess.Terminate);

        Assert.Equal(0, await daemon.ExitAsync());
        Assert.Equal([_directory.Data], Directory.GetFileSystemEntries(_directory.Path));
        Assert.DoesNotContain("queued.lock", Directory.GetFiles(_directory.Data).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_second_daemon_on_the_same_data_directory_ends_at_once_and_names_the_holder()
    {
        await using var first = DaemonProcess.Start(_directory);
        await first.ReadyAsync();

        await using var second = DaemonProcess.Run(
            [], "serve", "--socket", _directory.In("other.sock"), "--data", _directory.Data);

        Assert.Equal(ExitCode.InUse, await second.ExitAsync());
        Assert.Contains(
            $"the data directory {_directory.Data} is in use by another queued (process {first.Id})", second.Errors);
        Assert.False(File.Exists(_directory.In("other.sock")));
    }

    [Fact]
    public async Task A_second_daemon_on_the_same_socket_ends_at_once_and_names_the_holder()
    {
        await using var first = DaemonProcess.Start(_directory);
        await first.ReadyAsync();

        await using var second = DaemonProcess.Run(
            [], "serve", "--socket", _directory.Socket, "--data", _directory.In("other"));

        Assert.Equal(ExitCode.InUse, await second.ExitAsync());
        Assert.Contains(
            $"the socket {_directory.Socket} is in use by another queued (process {first.Id})", second.Errors);
        first.Signal(DaemonProcess.Terminate);
        Assert.Equal(0, await first.ExitAsync());
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();

        await using var daemon = DaemonProcess.Start(_directory, "--listen", listener.LocalEndpoint.ToString()!);

        Assert.Equal(ExitCode.InUse, await daemon.ExitAsync());
        Assert.Contains($"{listener.LocalEndpoint} cannot be listened on", daemon.Errors);
        Assert.Equal([_directory.Data], Directory.GetFileSystemEntries(_directory.Path));
    }

    [Fact]
    public async Task What_a_killed_daemon_left_is_taken_over()
    {
        await using (var killed = DaemonProcess.Start(_directory))
        {
            await killed.ReadyAsync();
        }

        Assert.True(FileStatus.Of(_directory.Socket)!.Value.IsSocket);
        await using var daemon = DaemonProcess.Start(_directory);

        await daemon.ReadyAsync();
        daemon.Signal(DaemonProcess.Terminate);
        Assert.Equal(0, await daemon.ExitAsync());
    }

    [Theory]
    [InlineData("serve", "--listen", "0.0.0.0:7450")]
    [InlineData("serve", "--set", "pools.p.size=-1")]
    [InlineData("serve", "--config", "/nonexistent/queued.json")]
    [InlineData("config", "check", "/nonexistent/queued.json")]
    public async Task A_mistake_in_the_configuration_is_exit_code_78(params string[] arguments)
    {
        await using var daemon = DaemonProcess.Run([], arguments);

        Assert.Equal(ExitCode.Configuration, await daemon.ExitAsync());
        Assert.Contains("mistake", daemon.Errors);
    }

    [Fact]
    public async Task A_configuration_that_the_core_refuses_is_told_with_its_place_and_nothing_else()
    {
        await using var daemon = DaemonProcess.Start(
            _directory, "--log-level", "warn", "--set", "queues.q.tasks_max=10000001");

        Assert.Equal(ExitCode.Configuration, await daemon.ExitAsync());
        Assert.Equal(
            "queued: the configuration was refused: queues.q: tasks_max must be between 0 and 10000000.",
            daemon.Errors.Trim());
    }

    [Theory]
    [InlineData("FILE is empty", "config", "check", "")]
    [InlineData("--config is empty", "serve", "--config", "")]
    public async Task An_empty_path_is_exit_code_64(string message, params string[] arguments)
    {
        await using var daemon = DaemonProcess.Run([], arguments);

        Assert.Equal(ExitCode.Usage, await daemon.ExitAsync());
        Assert.Contains(message, daemon.Errors);
    }

    [Fact]
    public async Task A_private_daemon_without_a_temporary_directory_names_it_and_the_remedy()
    {
        await using var daemon = DaemonProcess.Run(
            new() { ["TMPDIR"] = "/nonexistent", ["DOTNET_EnableDiagnostics"] = "0" }, "serve", "--private");

        Assert.Equal(ExitCode.Configuration, await daemon.ExitAsync());
        Assert.Contains("no directory can be made in /nonexistent", daemon.Errors);
        Assert.Contains("have TMPDIR name a directory", daemon.Errors);
    }

    [Fact]
    public async Task An_unknown_verb_is_exit_code_64()
    {
        await using var daemon = DaemonProcess.Run([], "srve");

        Assert.Equal(ExitCode.Usage, await daemon.ExitAsync());
        Assert.Contains("srve", daemon.Errors);
    }

    [Fact]
    public async Task Logs_are_json_where_asked_for()
    {
        await using var daemon = DaemonProcess.Start(_directory, "--set", "daemon.log_format=json");
        await daemon.ReadyAsync();

        await daemon.SeesErrorAsync("\"LogLevel\":\"Information\"");
    }
}
