using System.Diagnostics;
using Queued.Cli.Tests.Scripted;

namespace Queued.Cli.Tests;

/// <summary>What only a process can show: signals, closed pipes, output that is there before the end.</summary>
public sealed class ProcessTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("INT", "exec -n -- never", ExitCode.Interrupted)]
    [InlineData("TERM", "exec -n -- never", ExitCode.Terminated)]
    [InlineData("INT", "run never", ExitCode.Interrupted)]
    [InlineData("INT", "map never", ExitCode.Interrupted)]
    public async Task A_signal_cancels_what_was_begun(string signal, string line, int exitCode)
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        using Process process = Start(daemon, line);
        await process.StandardInput.WriteLineAsync("1");
        ulong submitted = await daemon.Tasks.Submitted.Reader.ReadAsync().AsTask().WaitAsync(Deadline);
        await SignalAsync(process, signal);
        Assert.Equal(submitted, await daemon.Tasks.Cancelled.Reader.ReadAsync().AsTask().WaitAsync(Deadline));
        Assert.Equal(exitCode, await EndOfAsync(process));
    }

    [Fact]
    public async Task A_signal_ends_a_wait_and_leaves_the_task_alone()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        await daemon.RunAsync("exec --detach -- never");
        using Process process = Start(daemon, "logs 1 -f");
        Assert.NotNull(await process.StandardOutput.ReadLineAsync().WaitAsync(Deadline));
        await SignalAsync(process, "INT");
        Assert.Equal(ExitCode.Interrupted, await EndOfAsync(process));
        Assert.False(daemon.Tasks.Cancelled.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Output_is_there_before_the_command_ends()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        using Process process = Start(daemon, "exec -n -- never");
        Assert.Equal("\x1b[32mout\x1b[0mput", await process.StandardOutput.ReadLineAsync().WaitAsync(Deadline));
        Assert.Equal("err", await process.StandardError.ReadLineAsync().WaitAsync(Deadline));
        Assert.False(process.HasExited);
        daemon.Tasks.EndAll();
        Assert.Equal(ExitCode.Terminated, await EndOfAsync(process));
    }

    [Fact]
    public async Task A_reader_that_has_enough_ends_it()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        using Process process = Start(daemon, "map echo");
        process.StandardOutput.Close();
        await process.StandardInput.WriteLineAsync("1");
        Assert.Equal(ExitCode.OutputClosed, await EndOfAsync(process));
        Assert.Empty(await process.StandardError.ReadToEndAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_command_whose_output_nobody_reads_is_cancelled(bool closesError)
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        using Process process = Start(daemon, "exec -n -- never");
        (closesError ? process.StandardError : process.StandardOutput).Close();
        ulong submitted = await daemon.Tasks.Submitted.Reader.ReadAsync().AsTask().WaitAsync(Deadline);
        Assert.Equal(submitted, await daemon.Tasks.Cancelled.Reader.ReadAsync().AsTask().WaitAsync(Deadline));
        Assert.Equal(ExitCode.OutputClosed, await EndOfAsync(process));
    }

    [Fact]
    public async Task A_bad_address_in_the_environment_is_named()
    {
        var start = new ProcessStartInfo(BuiltProgram.Path, ["status"]) { RedirectStandardError = true };
        start.Environment["QUEUED_SOCKET"] = "run/q.sock";
        using Process process = Process.Start(start)!;
        string? line = await process.StandardError.ReadLineAsync().WaitAsync(Deadline);
        Assert.StartsWith("queuectl: QUEUED_SOCKET is 'run/q.sock'; ", line, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, await EndOfAsync(process));
    }

    [Fact]
    public async Task Help_that_nobody_reads_ends_without_a_word()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        using Process process = Start(daemon, "--help");
        process.StandardOutput.Close();
        Assert.Equal(ExitCode.OutputClosed, await EndOfAsync(process));
        Assert.Empty(await process.StandardError.ReadToEndAsync());
    }

    [Fact]
    public async Task A_line_that_is_not_json_is_told_before_the_input_ends()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        using Process process = Start(daemon, "map echo -k");
        for (int number = 1; number <= 3; number++)
        {
            await process.StandardInput.WriteLineAsync("nonsense");
            Assert.Equal("null", await process.StandardOutput.ReadLineAsync().WaitAsync(Deadline));
        }

        process.StandardInput.Close();
        Assert.Equal(ExitCode.Failed, await EndOfAsync(process));
    }

    [Fact]
    public async Task Results_leave_before_the_input_ends()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        using Process process = Start(daemon, "map echo");
        for (int number = 1; number <= 3; number++)
        {
            await process.StandardInput.WriteLineAsync($"{number}");
            Assert.Equal($"{number}", await process.StandardOutput.ReadLineAsync().WaitAsync(Deadline));
        }

        process.StandardInput.Close();
        Assert.Equal(ExitCode.Ok, await EndOfAsync(process));
    }

    [Fact]
    public async Task Two_runs_that_share_a_file_do_not_write_over_each_other()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        using var directory = new TemporaryDirectory();
        string queuectl = $"{BuiltProgram.Path} --address {daemon.Address}";
        string script = $"({queuectl} run echo 1; {queuectl} run echo 2) > {directory.File("out")}";
        using Process process = Process.Start(new ProcessStartInfo("sh", ["-c", script]))!;
        Assert.Equal(ExitCode.Ok, await EndOfAsync(process));
        Assert.Equal("1\n2\n", await File.ReadAllTextAsync(directory.File("out")));
    }

    [Fact]
    public async Task Bash_completes_verbs_and_options()
    {
        string script = $"""
            PATH={Path.GetDirectoryName(BuiltProgram.Path)}:$PATH
            eval "$(queuectl completion bash)"
            COMP_LINE='queuectl list --sta' COMP_POINT=19 COMP_WORDS=(queuectl list --sta) COMP_CWORD=2
            _queuectl
            echo "$COMPREPLY"
            """;
        using Process process = Process.Start(
            new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true })!;
        Assert.Equal("--state", await process.StandardOutput.ReadLineAsync().WaitAsync(Deadline));
        Assert.Equal(ExitCode.Ok, await EndOfAsync(process));
    }

    private static Process Start(ScriptedDaemon daemon, string line) =>
        Process.Start(new ProcessStartInfo(
            BuiltProgram.Path, ["--address", daemon.Address, .. line.Split(' ')])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    private static async Task SignalAsync(Process process, string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        await kill.WaitForExitAsync();
    }

    private static async Task<int> EndOfAsync(Process process)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            return process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"queuectl did not end within {Deadline}.");
        }
    }
}
