using Google.Protobuf;
using Queued.Protocol.V1;

namespace Queued.Cli.Tests.Scripted;

/// <summary>
/// How a scripted task ends, by the name of its handler or its command. Null: not before it is cancelled.
/// </summary>
internal static class Ends
{
    private const string ExecType = "application/vnd.queued.exec+protobuf";

    public static TaskOutcome? Of(TaskSpec spec) => spec.Handler switch
    {
        "exec" => OfCommand(ExecCommand.Parser.ParseFrom(spec.Payload.Data)),
        "echo" => Success(spec.Payload),
        "text" => Success(new Payload { Data = ByteString.CopyFromUtf8("\x1b[31mplain"), ContentType = "text/plain" }),
        "surrogate" => Success(
            new Payload { Data = ByteString.CopyFromUtf8("\"\\ud800\""), ContentType = "application/json" }),
        "bytes" =>
            Success(new Payload { Data = ByteString.CopyFrom(0xff, 0x00), ContentType = "application/octet-stream" }),
        "odd" when long.Parse(spec.Payload.Data.ToStringUtf8(), null) % 2 != 0 => Success(spec.Payload),
        "odd" or "fail" => Failed(FailureKind.Error, "\x1b[2Jkaput\nand more", "System.Exception"),
        "late" => new TaskOutcome { State = TaskState.TimedOut, Failure = new() { Kind = FailureKind.Timeout } },
        "expired" => new TaskOutcome { State = TaskState.Expired, Failure = new() { Kind = FailureKind.Expired } },
        _ => null,
    };

    private static TaskOutcome? OfCommand(ExecCommand command) => command.Argv[0] switch
    {
        "hello" => Exit(0, "out\n", "err\n"),
        "cat" => Exit(0, command.Stdin.ToStringUtf8()),
        "env" =>
            Exit(0, string.Join('\n', command.Env.Select(pair => $"{pair.Key}={pair.Value}")) + "\n" + command.Cwd),
        "flood" => Exit(int.Parse(command.Argv[1], null)),
        "exit" => Exit(int.Parse(command.Argv[1], null)),
        "signal" => Signalled(int.Parse(command.Argv[1], null)),
        "oom" => Failed(FailureKind.Oom, "killed for memory"),
        "late" => new TaskOutcome { State = TaskState.TimedOut, Failure = new() { Kind = FailureKind.Timeout } },
        "missing" => Failed(FailureKind.Spawn, "program 'missing' was not found in PATH (/bin)", "CommandNotFound"),
        "/missing" => Failed(FailureKind.Spawn, "program '/missing' does not exist", "CommandNotFound"),
        "/forbidden" => Failed(
            FailureKind.Spawn,
            "program '/forbidden' cannot be executed: Permission denied (errno 13)",
            "CommandNotExecutable"),
        "nowhere" => Failed(FailureKind.Spawn, "working directory '/nowhere' does not exist"),
        "lost" => Failed(FailureKind.Lost, "the connection is gone"),
        _ => null,
    };

    private static TaskOutcome Success(Payload result) => new() { State = TaskState.Succeeded, Result = result };

    private static TaskOutcome Failed(FailureKind kind, string message, string type = "") => new()
    {
        State = TaskState.Failed,
        Failure = new Failure { Kind = kind, Message = message, ErrorType = type },
    };

    private static TaskOutcome Exit(int code, string stdout = "", string stderr = "")
    {
        TaskOutcome outcome = code == 0 ? new() { State = TaskState.Succeeded }
            : Failed(FailureKind.ExitCode, "exited");
        if (code != 0)
            outcome.Failure.ExitCode = code;
        outcome.Result = Result(code, stdout, stderr);
        return outcome;
    }

    private static TaskOutcome Signalled(int signal)
    {
        TaskOutcome outcome = Failed(FailureKind.Signal, "ended by a signal");
        outcome.Failure.Signal = signal;
        outcome.Result = Result(128 + signal, "", "");
        return outcome;
    }

    private static Payload Result(int code, string stdout, string stderr) => new()
    {
        ContentType = ExecType,
        Data = new ExecResult
        {
            ExitCode = code,
            Stdout = ByteString.CopyFromUtf8(stdout),
            Stderr = ByteString.CopyFromUtf8(stderr),
        }.ToByteString(),
    };
}
