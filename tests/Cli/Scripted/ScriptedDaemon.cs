using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Queued.Cli.Tests.Scripted;

/// <summary>
/// Speaks the protocol and knows what to answer by the name of the handler or the command, so that every end that a
/// task
/// can come to is one line away. What a real daemon does is tested with a real one, in tests/EndToEnd.
/// </summary>
internal sealed class ScriptedDaemon : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;
    private readonly WebApplication _host;

    private ScriptedDaemon(TemporaryDirectory directory, WebApplication host, ScriptedTasks tasks)
    {
        _directory = directory;
        _host = host;
        Tasks = tasks;
    }

    public ScriptedTasks Tasks { get; }

    public ScriptedQueues Queues => _host.Services.GetRequiredService<ScriptedQueues>();

    public string Address => "unix:" + _directory.File("q.sock");

    public static async Task<ScriptedDaemon> StartAsync()
    {
        var directory = new TemporaryDirectory();
        var tasks = new ScriptedTasks();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.ListenUnixSocket(directory.File("q.sock"), listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(tasks);
        builder.Services.AddSingleton<ScriptedQueues>();
        WebApplication host = builder.Build();
        host.MapGrpcService<ScriptedTasks>();
        host.MapGrpcService<ScriptedStatus>();
        host.MapGrpcService<ScriptedQueues>();
        host.MapGrpcService<ScriptedPools>();
        await host.StartAsync();
        return new ScriptedDaemon(directory, host, tasks);
    }

    public Task<Answer> RunAsync(string line, string input = "") => RunAsync(line.Split(' '), input);

    public Task<Answer> RunAsync(IEnumerable<string> arguments, string input = "") =>
        Invocation.RunAsync(["--address", Address, .. arguments], input);

    /// <summary>Goes away without a word, as a killed daemon does.</summary>
    public async Task DieAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _host.StopAsync(now.Token);
    }

    public async ValueTask DisposeAsync()
    {
        Tasks.EndAll();
        await _host.StopAsync();
        await _host.DisposeAsync();
        _directory.Dispose();
    }
}
