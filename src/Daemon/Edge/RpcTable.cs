using System.Diagnostics.CodeAnalysis;
using Grpc.AspNetCore.Server.Model;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Grpc.Reflection;
using Grpc.Reflection.V1;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Queued.Protocol.V1;
using Alpha = Grpc.Reflection.V1Alpha;
using RpcDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace Queued.Daemon.Edge;

/// <summary>
/// Every call of the contract by its name, one a line: <c>s</c> is the service, <c>r</c> what is asked, <c>w</c> where
/// the responses of a stream go, <c>c</c> the context. The framework would find them by itself, but with reflection and
/// generic virtual methods, which native code has to put together at run time: half of all the work of a start.
/// </summary>
internal static class RpcTable
{
    /// <summary>What the framework says it may look at in a service.</summary>
    public const DynamicallyAccessedMemberTypes Kept = DynamicallyAccessedMemberTypes.PublicConstructors |
        DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.NonPublicMethods;

    public static void AddRpcs(this IServiceCollection services)
    {
        services.RemoveAll(typeof(IServiceMethodProvider<>));
        Add<TaskGrpcService>(services, TaskService.Descriptor, Task);
        Add<QueueGrpcService>(services, QueueService.Descriptor, Queue);
        Add<PoolGrpcService>(services, PoolService.Descriptor, Pool);
        Add<WorkerGrpcService>(services, WorkerService.Descriptor, Worker);
        Add<DaemonGrpcService>(services, DaemonService.Descriptor, Daemon);
        Add<SessionGrpcService>(services, SessionService.Descriptor, Session);
        Add<MessageGrpcService>(services, MessageService.Descriptor, Message);
        Add<PipeGrpcService>(services, PipeService.Descriptor, Pipe);
        Add<StateGrpcService>(services, StateService.Descriptor, State);
        Add<MemoryGrpcService>(services, MemoryService.Descriptor, Memory);
        Add<HealthServiceImpl>(services, Grpc.Health.V1.Health.Descriptor, Health);
        Add<ReflectionV1ServiceImpl>(services, ServerReflection.Descriptor, Reflection);
        Add<ReflectionServiceImpl>(services, Alpha.ServerReflection.Descriptor, ReflectionAlpha);
    }

    private static void Add<[DynamicallyAccessedMembers(Kept)] TService>(
        IServiceCollection services, RpcDescriptor service, Action<Rpcs<TService>> list)
        where TService : class =>
        services.AddSingleton<IServiceMethodProvider<TService>>(new Listed<TService>(service.FullName, list));

    private static void Task(Rpcs<TaskGrpcService> rpcs)
    {
        rpcs.Unary<SubmitTaskRequest, SubmitTaskResponse>("SubmitTask", (s, r, c) => s.SubmitTask(r, c));
        rpcs.Unary<SubmitTasksRequest, SubmitTasksResponse>("SubmitTasks", (s, r, c) => s.SubmitTasks(r, c));
        rpcs.Unary<RunTaskRequest, RunTaskResponse>("RunTask", (s, r, c) => s.RunTask(r, c));
        rpcs.Unary<GetTaskRequest, GetTaskResponse>("GetTask", (s, r, c) => s.GetTask(r, c));
        rpcs.Unary<ListTasksRequest, ListTasksResponse>("ListTasks", (s, r, c) => s.ListTasks(r, c));
        rpcs.Unary<AwaitTaskRequest, AwaitTaskResponse>("AwaitTask", (s, r, c) => s.AwaitTask(r, c));
        rpcs.Unary<AwaitTasksRequest, AwaitTasksResponse>("AwaitTasks", (s, r, c) => s.AwaitTasks(r, c));
        rpcs.Streamed<WatchTaskRequest, WatchTaskResponse>("WatchTask", (s, r, w, c) => s.WatchTask(r, w, c));
        rpcs.Unary<CancelTaskRequest, CancelTaskResponse>("CancelTask", (s, r, c) => s.CancelTask(r, c));
        rpcs.Unary<RetryTaskRequest, RetryTaskResponse>("RetryTask", (s, r, c) => s.RetryTask(r, c));
        rpcs.Streamed<ReadTaskLogsRequest, ReadTaskLogsResponse>(
            "ReadTaskLogs", (s, r, w, c) => s.ReadTaskLogs(r, w, c));
        rpcs.Duplex<ConnectRequest, ConnectResponse>("Connect", (s, r, w, c) => s.Connect(r, w, c));
    }

    private static void Queue(Rpcs<QueueGrpcService> rpcs)
    {
        rpcs.Unary<DeclareQueueRequest, DeclareQueueResponse>("DeclareQueue", (s, r, c) => s.DeclareQueue(r, c));
        rpcs.Unary<GetQueueRequest, GetQueueResponse>("GetQueue", (s, r, c) => s.GetQueue(r, c));
        rpcs.Unary<ListQueuesRequest, ListQueuesResponse>("ListQueues", (s, r, c) => s.ListQueues(r, c));
        rpcs.Unary<PauseQueueRequest, PauseQueueResponse>("PauseQueue", (s, r, c) => s.PauseQueue(r, c));
        rpcs.Unary<ResumeQueueRequest, ResumeQueueResponse>("ResumeQueue", (s, r, c) => s.ResumeQueue(r, c));
        rpcs.Unary<DrainQueueRequest, DrainQueueResponse>("DrainQueue", (s, r, c) => s.DrainQueue(r, c));
        rpcs.Unary<PurgeQueueRequest, PurgeQueueResponse>("PurgeQueue", (s, r, c) => s.PurgeQueue(r, c));
        rpcs.Unary<DeleteQueueRequest, DeleteQueueResponse>("DeleteQueue", (s, r, c) => s.DeleteQueue(r, c));
        rpcs.Unary<ListDeadRequest, ListDeadResponse>("ListDead", (s, r, c) => s.ListDead(r, c));
        rpcs.Unary<RequeueDeadRequest, RequeueDeadResponse>("RequeueDead", (s, r, c) => s.RequeueDead(r, c));
    }

    private static void Pool(Rpcs<PoolGrpcService> rpcs)
    {
        rpcs.Unary<CreatePoolRequest, CreatePoolResponse>("CreatePool", (s, r, c) => s.CreatePool(r, c));
        rpcs.Unary<GetPoolRequest, GetPoolResponse>("GetPool", (s, r, c) => s.GetPool(r, c));
        rpcs.Unary<ListPoolsRequest, ListPoolsResponse>("ListPools", (s, r, c) => s.ListPools(r, c));
        rpcs.Unary<ScalePoolRequest, ScalePoolResponse>("ScalePool", (s, r, c) => s.ScalePool(r, c));
        rpcs.Unary<ReloadPoolRequest, ReloadPoolResponse>("ReloadPool", (s, r, c) => s.ReloadPool(r, c));
        rpcs.Unary<DeletePoolRequest, DeletePoolResponse>("DeletePool", (s, r, c) => s.DeletePool(r, c));
        rpcs.Unary<ListWorkersRequest, ListWorkersResponse>("ListWorkers", (s, r, c) => s.ListWorkers(r, c));
        rpcs.Unary<StopWorkerRequest, StopWorkerResponse>("StopWorker", (s, r, c) => s.StopWorker(r, c));
    }

    private static void Worker(Rpcs<WorkerGrpcService> rpcs)
    {
        rpcs.Duplex<WorkRequest, WorkResponse>("Work", (s, r, w, c) => s.Work(r, w, c));
    }

    private static void Daemon(Rpcs<DaemonGrpcService> rpcs)
    {
        rpcs.Unary<GetStatusRequest, GetStatusResponse>("GetStatus", (s, r, c) => s.GetStatus(r, c));
        rpcs.Unary<BackupRequest, BackupResponse>("Backup", (s, r, c) => s.Backup(r, c));
    }

    private static void Session(Rpcs<SessionGrpcService> rpcs)
    {
        rpcs.Duplex<OpenSessionRequest, OpenSessionResponse>("OpenSession", (s, r, w, c) => s.OpenSession(r, w, c));
        rpcs.Unary<WaitAnyRequest, WaitAnyResponse>("WaitAny", (s, r, c) => s.WaitAny(r, c));
    }

    private static void Message(Rpcs<MessageGrpcService> rpcs)
    {
        rpcs.Unary<UseQueueRequest, UseQueueResponse>("UseQueue", (s, r, c) => s.UseQueue(r, c));
        rpcs.Unary<LeaveQueueRequest, LeaveQueueResponse>("LeaveQueue", (s, r, c) => s.LeaveQueue(r, c));
        rpcs.Unary<PutMessagesRequest, PutMessagesResponse>("PutMessages", (s, r, c) => s.PutMessages(r, c));
        rpcs.Unary<GetMessagesRequest, GetMessagesResponse>("GetMessages", (s, r, c) => s.GetMessages(r, c));
        rpcs.Unary<SettleMessagesRequest, SettleMessagesResponse>(
            "SettleMessages", (s, r, c) => s.SettleMessages(r, c));
        rpcs.Unary<PeekMessagesRequest, PeekMessagesResponse>("PeekMessages", (s, r, c) => s.PeekMessages(r, c));
        rpcs.Unary<JoinQueueRequest, JoinQueueResponse>("JoinQueue", (s, r, c) => s.JoinQueue(r, c));
    }

    private static void Pipe(Rpcs<PipeGrpcService> rpcs)
    {
        rpcs.Unary<OpenPipeRequest, OpenPipeResponse>("OpenPipe", (s, r, c) => s.OpenPipe(r, c));
        rpcs.Unary<SendToPipeRequest, SendToPipeResponse>("SendToPipe", (s, r, c) => s.SendToPipe(r, c));
        rpcs.Unary<ReceiveFromPipeRequest, ReceiveFromPipeResponse>(
            "ReceiveFromPipe", (s, r, c) => s.ReceiveFromPipe(r, c));
        rpcs.Unary<PollPipeRequest, PollPipeResponse>("PollPipe", (s, r, c) => s.PollPipe(r, c));
        rpcs.Unary<ClosePipeRequest, ClosePipeResponse>("ClosePipe", (s, r, c) => s.ClosePipe(r, c));
        rpcs.Unary<ListPipesRequest, ListPipesResponse>("ListPipes", (s, r, c) => s.ListPipes(r, c));
    }

    private static void State(Rpcs<StateGrpcService> rpcs)
    {
        rpcs.Unary<UseStateRequest, UseStateResponse>("UseState", (s, r, c) => s.UseState(r, c));
        rpcs.Unary<LeaveStateRequest, LeaveStateResponse>("LeaveState", (s, r, c) => s.LeaveState(r, c));
        rpcs.Unary<AcquireRequest, AcquireResponse>("Acquire", (s, r, c) => s.Acquire(r, c));
        rpcs.Unary<ReleaseRequest, ReleaseResponse>("Release", (s, r, c) => s.Release(r, c));
        rpcs.Unary<ExtendGrantRequest, ExtendGrantResponse>("ExtendGrant", (s, r, c) => s.ExtendGrant(r, c));
        rpcs.Unary<SetEventRequest, SetEventResponse>("SetEvent", (s, r, c) => s.SetEvent(r, c));
        rpcs.Unary<WaitEventRequest, WaitEventResponse>("WaitEvent", (s, r, c) => s.WaitEvent(r, c));
        rpcs.Unary<WaitBarrierRequest, WaitBarrierResponse>("WaitBarrier", (s, r, c) => s.WaitBarrier(r, c));
        rpcs.Unary<ResetBarrierRequest, ResetBarrierResponse>("ResetBarrier", (s, r, c) => s.ResetBarrier(r, c));
        rpcs.Unary<WaitConditionRequest, WaitConditionResponse>("WaitCondition", (s, r, c) => s.WaitCondition(r, c));
        rpcs.Unary<NotifyConditionRequest, NotifyConditionResponse>(
            "NotifyCondition", (s, r, c) => s.NotifyCondition(r, c));
        rpcs.Unary<AddCounterRequest, AddCounterResponse>("AddCounter", (s, r, c) => s.AddCounter(r, c));
        rpcs.Unary<ReadValueRequest, ReadValueResponse>("ReadValue", (s, r, c) => s.ReadValue(r, c));
        rpcs.Unary<WriteValueRequest, WriteValueResponse>("WriteValue", (s, r, c) => s.WriteValue(r, c));
        rpcs.Unary<ReadArrayRequest, ReadArrayResponse>("ReadArray", (s, r, c) => s.ReadArray(r, c));
        rpcs.Unary<WriteArrayRequest, WriteArrayResponse>("WriteArray", (s, r, c) => s.WriteArray(r, c));
        rpcs.Unary<ReadMapRequest, ReadMapResponse>("ReadMap", (s, r, c) => s.ReadMap(r, c));
        rpcs.Unary<WriteMapRequest, WriteMapResponse>("WriteMap", (s, r, c) => s.WriteMap(r, c));
        rpcs.Unary<ReadListRequest, ReadListResponse>("ReadList", (s, r, c) => s.ReadList(r, c));
        rpcs.Unary<WriteListRequest, WriteListResponse>("WriteList", (s, r, c) => s.WriteList(r, c));
        rpcs.Unary<ListStatesRequest, ListStatesResponse>("ListStates", (s, r, c) => s.ListStates(r, c));
        rpcs.Unary<DeleteStateRequest, DeleteStateResponse>("DeleteState", (s, r, c) => s.DeleteState(r, c));
        rpcs.Unary<RevokeGrantRequest, RevokeGrantResponse>("RevokeGrant", (s, r, c) => s.RevokeGrant(r, c));
    }

    private static void Memory(Rpcs<MemoryGrpcService> rpcs)
    {
        rpcs.Unary<CreateSegmentRequest, CreateSegmentResponse>("CreateSegment", (s, r, c) => s.CreateSegment(r, c));
        rpcs.Unary<OpenSegmentRequest, OpenSegmentResponse>("OpenSegment", (s, r, c) => s.OpenSegment(r, c));
        rpcs.Unary<ResizeSegmentRequest, ResizeSegmentResponse>("ResizeSegment", (s, r, c) => s.ResizeSegment(r, c));
        rpcs.Unary<CloseSegmentRequest, CloseSegmentResponse>("CloseSegment", (s, r, c) => s.CloseSegment(r, c));
        rpcs.Unary<UnlinkSegmentRequest, UnlinkSegmentResponse>("UnlinkSegment", (s, r, c) => s.UnlinkSegment(r, c));
        rpcs.Unary<ListSegmentsRequest, ListSegmentsResponse>("ListSegments", (s, r, c) => s.ListSegments(r, c));
    }

    private static void Health(Rpcs<HealthServiceImpl> rpcs)
    {
        rpcs.Unary<HealthCheckRequest, HealthCheckResponse>("Check", (s, r, c) => s.Check(r, c));
        rpcs.Streamed<HealthCheckRequest, HealthCheckResponse>("Watch", (s, r, w, c) => s.Watch(r, w, c));
    }

    private static void Reflection(Rpcs<ReflectionV1ServiceImpl> rpcs) =>
        rpcs.Duplex<ServerReflectionRequest, ServerReflectionResponse>(
            "ServerReflectionInfo", (s, r, w, c) => s.ServerReflectionInfo(r, w, c));

    private static void ReflectionAlpha(Rpcs<ReflectionServiceImpl> rpcs) =>
        rpcs.Duplex<Alpha.ServerReflectionRequest, Alpha.ServerReflectionResponse>(
            "ServerReflectionInfo", (s, r, w, c) => s.ServerReflectionInfo(r, w, c));

    private sealed class Listed<[DynamicallyAccessedMembers(Kept)] TService>(
        string service, Action<Rpcs<TService>> list) : IServiceMethodProvider<TService>
        where TService : class
    {
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<TService> context) =>
            list(new Rpcs<TService>(service, context));
    }
}
